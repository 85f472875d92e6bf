import type {Agenda} from '../../engine/agenda.ts';
import type {Time} from '../../engine/time.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import type {WorldJournal} from '../events/announcements.ts';
import type {FlowResult, NatSample} from '../events/results.ts';
import {FaultInjector} from '../faults/fault-injector.ts';
import type {Ground} from '../ground.ts';
import {Flow} from '../traffic/flow.ts';
import {TcpFlow} from '../traffic/tcp-flow.ts';
import {UdpDownload} from '../traffic/udp-download.ts';
import type {Cloud} from './cloud.ts';
import {Lans} from './lan/lans.ts';
import {NeutronCloud} from './neutron/neutron-cloud.ts';
import {OvnCloud} from './ovn/ovn-cloud.ts';
import {Site} from './site.ts';
import type {WorldPlan} from './world-plan.ts';

export type WorldOptions = {
  readonly agenda: Agenda;
  /** Whether what repeats is counted instead of run; the results are the same. */
  readonly skipping: boolean;
};

/** A cloud put together from a plan, settled as after a long quiet time, and run. */
export class World {
  readonly plan: WorldPlan;
  readonly site: Site;
  readonly cloud: Cloud;
  readonly traffic: readonly (Flow | TcpFlow | UdpDownload)[];

  constructor(plan: WorldPlan, {agenda, skipping}: WorldOptions) {
    this.plan = plan;
    this.site = new Site(plan, agenda, skipping);
    const faults = new FaultInjector(this.ground, plan.faults, {
      segments: this.site.segments,
      plan,
      cardOf: host => this.site.cardOf(host),
      cloud: () => this.cloud,
    });
    this.cloud = makeCloud(plan, this.site);
    this.cloud.settle();
    this.traffic = plan.flows.map((_, number) => this.#makeFlow(number));
    faults.begin();
  }

  get ground(): Ground {
    return this.site.ground;
  }

  get journal(): WorldJournal {
    return this.ground.journal;
  }

  get now(): Time {
    return this.ground.engine.now;
  }

  /** Runs until `until`, or the end of the plan, or so many events. Returns whether it got there. */
  advance(until: Time, budget = Infinity): boolean {
    return this.ground.engine.advance(Math.min(until, this.plan.duration), budget);
  }

  /** What became of each flow's packets so far. */
  results(): readonly FlowResult[] {
    this.ground.ledger.settle();
    return this.traffic.map(flow => flow.result());
  }

  /** Address translation at present. What it reads settles itself. */
  natSamples(): readonly NatSample[] {
    return this.cloud.natSamples();
  }

  /** The cloud, of a plan that is known to be one of OVN. */
  get ovn(): OvnCloud {
    if (!(this.cloud instanceof OvnCloud)) throw new Error('this cloud is not one of OVN');
    return this.cloud;
  }

  /** The machines, of a plan that is known to be one without a cloud. */
  get lans(): Lans {
    if (!(this.cloud instanceof Lans)) throw new Error('there is a cloud');
    return this.cloud;
  }

  /** The cloud, of a plan that is known to be one of Neutron. */
  get neutron(): NeutronCloud {
    if (!(this.cloud instanceof NeutronCloud)) throw new Error('this cloud is not one of Neutron');
    return this.cloud;
  }

  #makeFlow(number: number): Flow | TcpFlow | UdpDownload {
    const {protocol, ...plan} = this.plan.flows[number];
    const settings = {
      ...plan,
      number,
      from: this.#endNamed(plan.from),
      to: plan.to === undefined ? undefined : this.#endNamed(plan.to),
      others: plan.others.map(name => this.#endNamed(name)),
      service: plan.service && ((host: string) => this.cloud.serviceAt?.(host)),
      sourcePort: firstSourcePort + (number % sourcePorts),
    };
    if (protocol === 'tcp') return new TcpFlow(this.ground, settings);
    const {to} = settings;
    const isDownload = protocol === 'udp' && to && settings.pattern !== 'upload';
    if (isDownload) return new UdpDownload(this.ground, {...settings, to, protocol});
    return new Flow(this.ground, {...settings, protocol});
  }

  #endNamed(name: string): FlowEnd {
    const end = this.site.end(name) ?? this.cloud.vm(name);
    if (!end) throw new Error(`there is no host ${name}`);
    return end;
  }
}

function makeCloud({machines, neutron}: WorldPlan, site: Site): Cloud {
  if (machines) return new Lans(site, machines);
  return neutron ? new NeutronCloud(site, neutron) : new OvnCloud(site);
}

/** Source ports of flows are handed out in order, as distinct as there are ports. */
const firstSourcePort = 20_000;
const sourcePorts = 40_000;
