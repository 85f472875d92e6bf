import {Chance} from '../engine/chance.ts';
import {never, type Time} from '../engine/time.ts';
import type {Breakage as PlannedBreakage, FaultPlan, Target as PlannedTarget} from '../models/faults/breakage.ts';
import type {
  DhcpServerPlan,
  FlowPlan,
  NetworkPlan,
  NeutronPlan,
  VmPlan,
  WorldPlan,
} from '../models/world/world-plan.ts';
import {formatIpv4, type Ipv4} from '../models/wire/ipv4.ts';
import {metadataAddress} from '../models/wire/metadata.ts';
import {mtuOf} from './mtus.ts';
import type {Breakage, DhcpServer, Endpoint, Fault, Instant, Network, NeutronOptions, Nic} from './scenario.ts';
import type {Scenario, Target, TrafficGroup} from './scenario.ts';

/** Makes every draw that a scenario leaves to the seed: placement, partners, instants. Pure. */
export function makePlan(scenario: Scenario, seed: number | string): WorldPlan {
  const chance = new Chance(seed);
  const vms = placeVms(scenario, chance);
  const book = new Book(scenario);
  const faults = scenario.faults.flatMap(fault => planFault(fault, scenario, chance));
  const flows = scenario.traffic.flatMap(group => planFlows(group, book, chance, scenario.neutron !== undefined));
  return {
    seed: String(seed),
    duration: scenario.duration,
    bfd: {
      minRx: scenario.ovn['bfd-min-rx'] / 1000,
      minTx: scenario.ovn['bfd-min-tx'] / 1000,
      mult: scenario.ovn['bfd-mult'],
      decayMinRx: scenario.ovn['bfd-decay-min-rx'] / 1000,
    },
    probeInterval: scenario.ovn['ovn-remote-probe-interval'],
    sysctls: scenario.sysctls,
    segments: scenario.segments,
    chassis: scenario.chassis,
    machines: scenario.machines,
    neutron: scenario.neutron && planNeutron(scenario.neutron),
    networks: scenario.networks.map(network => ({
      ...network,
      mtu: mtuOf(network, scenario.segments),
      upstreams: upstreamsOf(network),
      dhcp: scenario.dhcpAddresses.get(network.name) ?? [],
    })),
    routers: scenario.routers.map(router => ({...router, gateways: router.gatewayChassis})),
    securityGroups: scenario.securityGroups,
    vms,
    hosts: scenario.hosts.map(host => ({...host, servesDhcp: planServer(host.servesDhcp)})),
    floating: scenario.floatingIps,
    spareAddresses: scenario.spareAddresses,
    flows: afterBoots(flows, faults),
    faults,
  };
}

/** Nobody talks to a VM that has not been started, or expects it to talk: its flows begin with their first packet after that. */
function afterBoots(flows: readonly FlowPlan[], faults: readonly FaultPlan[]): readonly FlowPlan[] {
  const boots = new Map<string | undefined, Time>();
  for (const {breakage, targets, occurrences} of faults) {
    if (breakage.kind !== 'operation' || breakage.operation.what !== 'boot') continue;
    for (const target of targets) if (target.kind === 'host') boots.set(target.name, occurrences[0].at);
  }
  return flows.map(flow => {
    const bootAt = Math.max(boots.get(flow.from) ?? 0, boots.get(flow.to) ?? 0);
    const missed = Math.max(0, Math.ceil((bootAt - flow.start) / flow.every));
    return {...flow, start: flow.start + missed * flow.every};
  });
}

function planNeutron(options: NeutronOptions): NeutronPlan {
  return {
    mechanismDriver: options['mechanism-driver'],
    l2Population: options['l2-population'],
    arpResponder: options['arp-responder'],
    release: options.release,
    maxL3AgentsPerRouter: options['max-l3-agents-per-router'],
    l3HaNetCidr: options['l3-ha-net-cidr'],
    l3HaNetworkType: options['l3-ha-network-type'],
    l3HaNetworkPhysicalName: options['l3-ha-network-physical-name'],
    haVrrpAdvertInt: options['ha-vrrp-advert-int'],
    haVrrpHealthCheckInterval: options['ha-vrrp-health-check-interval'],
    haConntrackdEnabled: options['ha-conntrackd-enabled'],
    haConntrackdHashlimit: options['ha-conntrackd-hashlimit'],
    checkChildProcessesInterval: options['check-child-processes-interval'],
    vxlanGroup: options['vxlan-group'],
    bridgeNfCallIptables: options['bridge-nf-call-iptables'],
    dhcpAgentsPerNetwork: options['dhcp-agents-per-network'],
    allowAutomaticDhcpFailover: options['allow-automatic-dhcp-failover'],
    dhcpLeaseDuration: leaseTime(options['dhcp-lease-duration']),
    resyncThrottle: options['resync-throttle'],
    enableIsolatedMetadata: options['enable-isolated-metadata'],
    forceMetadata: options['force-metadata'],
    reportInterval: options['report-interval'],
    agentDownTime: options['agent-down-time'],
    allowAutomaticL3AgentFailover: options['allow-automatic-l3agent-failover'],
    rpcWorkers: options['rpc-workers'],
    rpcStateReportWorkers: options['rpc-state-report-workers'],
    rpcResponseTimeout: options['rpc-response-timeout'],
    rpcResponseMaxTimeout: options['rpc-response-max-timeout'],
    pollingInterval: options['polling-interval'],
    periodicInterval: options['periodic-interval'],
    periodicFuzzyDelay: options['periodic-fuzzy-delay'],
    heartbeatTimeoutThreshold: options['heartbeat-timeout-threshold'],
    heartbeatRate: options['heartbeat-rate'],
  };
}

/** VMs that name no chassis go to computes: in turn, filling one after the other, or by luck. */
function placeVms(scenario: Scenario, chance: Chance): readonly VmPlan[] {
  const computes = scenario.chassis.filter(({role}) => role === 'compute').map(({name}) => name);
  const homes =
    computes.length > 0 ? computes : scenario.chassis.filter(({role}) => role !== 'controller').map(({name}) => name);
  const luck = chance.sequence('placement');
  const share = Math.ceil(scenario.vms.filter(({chassis}) => chassis === undefined).length / homes.length);
  const started = new Set(scenario.faults.flatMap(startedBy));
  const mtus = new Map(scenario.networks.map(network => [network.name, mtuOf(network, scenario.segments)]));
  let placed = 0;
  return scenario.vms.map(unplaced => {
    const vm = {...unplaced, mtu: unplaced.mtu ?? mtus.get(unplaced.network) ?? 0};
    const rest = {isOff: started.has(vm.name), servesDhcp: planServer(vm.servesDhcp)};
    if (vm.chassis !== undefined) return {...vm, ...rest, chassis: vm.chassis};
    const turn = placed++;
    const home = {
      spread: () => turn % homes.length,
      pack: () => Math.floor(turn / share),
      random: () => Math.floor(luck() * homes.length),
    }[vm.placement]();
    return {...vm, ...rest, chassis: homes[home]};
  });
}

function planServer(server: DhcpServer | undefined): DhcpServerPlan | undefined {
  if (!server) return undefined;
  const {range, lease, router, 'answers-by': way, ping} = server;
  return {range, leaseTime: leaseTime(lease), router, broadcasts: way === 'broadcast', ping};
}

function leaseTime(written: Time): Time {
  return written === 0 ? never : written;
}

/** VMs that an operation starts are off until then. */
function startedBy({breakage, targets}: Fault): readonly string[] {
  if (breakage.kind !== 'operation' || breakage.operation.what !== 'boot') return [];
  return targets.flatMap(target => (target.kind === 'subject' ? [target.name] : []));
}

/** The VM that an operation gives a floating address of the pool. */
function allocatedBy({breakage, targets}: Fault): readonly string[] {
  if (breakage.kind !== 'operation' || breakage.operation.what !== 'allocate') return [];
  return targets.flatMap(target => (target.kind === 'subject' ? [target.name] : []));
}

/** The VM that an operation lets a floating address lead to. */
function associatedBy({breakage, targets}: Fault, address: Ipv4): readonly string[] {
  if (breakage.kind !== 'operation' || breakage.operation.what !== 'associate') return [];
  const {vm} = breakage.operation;
  return targets.flatMap(target => (target.kind === 'subject' && target.name === formatIpv4(address) ? [vm] : []));
}

/** Hosts and VMs by name and by address, for scenarios with many. */
class Book {
  readonly #names = new Map<string, {readonly name: string; readonly address: Ipv4}>();
  readonly #owners = new Map<Ipv4, string>();
  /** To whom else a floating address comes to lead. */
  readonly #successors = new Map<Ipv4, readonly string[]>();
  readonly #vms: Scenario['vms'];
  readonly #routed: ReadonlyMap<string, ReadonlySet<string>>;

  constructor({vms, hosts, floatingIps, spareAddresses, routers, faults, machines = []}: Scenario) {
    this.#vms = vms;
    for (const host of [...hosts, ...vms]) {
      this.#names.set(host.name, host);
      this.#owners.set(host.address, host.name);
    }
    for (const {name, interfaces} of machines) {
      const addresses = interfaces.flatMap(({address}) => (address ? [address.address] : []));
      for (const [index, address] of addresses.entries()) {
        if (index === 0) this.#names.set(name, {name, address});
        this.#owners.set(address, name);
      }
    }
    const allocated = faults.flatMap(allocatedBy);
    const spares = spareAddresses.flatMap(({address}) => allocated.slice(0, 1).map(vm => ({address, vm})));
    for (const {address, vm} of [...spares, ...floatingIps]) {
      this.#owners.set(address, vm);
      this.#successors.set(address, [...allocated, ...faults.flatMap(fault => associatedBy(fault, address))]);
    }
    this.#routed = new Map(
      vms.map(({network}) => {
        const joined = routers.map(({interfaces}) => interfaces.map(port => port.network));
        return [network, new Set([network, ...joined.filter(networks => networks.includes(network)).flat()])];
      }),
    );
  }

  addressOf(name: string): Ipv4 {
    const host = this.#names.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host.address;
  }

  /** Who answers under an address; undefined if it is a router's. */
  ownerOf(address: Ipv4): string | undefined {
    return this.#owners.get(address);
  }

  /** Who else answers under it, once it leads to them. */
  successorsOf(address: Ipv4): readonly string[] {
    return this.#successors.get(address) ?? [];
  }

  /** Another VM that a router joins with `source`. */
  anyVmFor(source: string, drawn: number): string | undefined {
    const own = this.#vms.find(({name}) => name === source)?.network;
    const near = own === undefined ? undefined : this.#routed.get(own);
    const others = this.#vms.filter(({name, network}) => name !== source && (!near || near.has(network)));
    return others.at(Math.floor(drawn * others.length))?.name;
  }
}

/** One flow from every source to every destination, but none to itself, unless `hairpins` and by an address. */
function planFlows(group: TrafficGroup, book: Book, chance: Chance, hairpins: boolean): readonly FlowPlan[] {
  const partners = chance.sequence(`traffic/${group.name}`);
  return group.from.flatMap(from => {
    const source = nameOf(from);
    return group.to.flatMap((to): readonly FlowPlan[] => {
      const found = resolveTarget(to, source, book, partners);
      const isOwn = found?.to === source && !(hairpins && to.kind === 'address');
      if (!found || isOwn) return [];
      const shown = to.kind === 'address' ? formatIpv4(to.address) : (found.to ?? to.kind);
      return [
        {
          ...group,
          ...found,
          name: `${group.name}: ${source} → ${shown}`,
          group: group.name,
          from: source,
          count: group.count ?? never,
          reconnect: group.reconnect ?? never,
        },
      ];
    });
  });
}

/** Who answers, and the address that packets are sent to. */
function resolveTarget(
  to: Endpoint,
  source: string,
  book: Book,
  partners: () => number,
): (Pick<FlowPlan, 'to' | 'others' | 'destination'> & Partial<Pick<FlowPlan, 'service' | 'port'>>) | undefined {
  if (to.kind === 'metadata') {
    return {to: undefined, others: [], destination: metadataAddress, service: 'metadata', port: 80};
  }
  if (to.kind === 'address') {
    const {address} = to;
    return {to: book.ownerOf(address), others: book.successorsOf(address), destination: address};
  }
  const name = to.kind === 'any vm' ? book.anyVmFor(source, partners()) : to.name;
  return name === undefined ? undefined : {to: name, others: [], destination: book.addressOf(name)};
}

function nameOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'vm' || endpoint.kind === 'host') return endpoint.name;
  throw new Error('traffic begins at a VM or a host');
}

/**
 * A fault that repeats strikes anew every so often, with instants of its own each time. A duration is drawn for even where
 * there is none: with one, the fault meets the same luck.
 */
function planFault(fault: Fault, scenario: Scenario, chance: Chance): readonly FaultPlan[] {
  const {duration} = scenario;
  const luck = chance.sequence(`fault/${fault.name}`);
  const {every, times} = fault.repeat ?? {every: 0, times: 1};
  const occurrences = Array.from({length: times}, (_, index) => {
    const at = drawInstant(fault.at, luck) + index * every;
    const lasts = drawInstant(fault.lasts ?? {base: duration, random: 0}, luck);
    return {at, until: fault.lasts === undefined || at + lasts >= duration ? never : at + lasts};
  }).filter(({at}) => at < duration);
  if (occurrences.length === 0) return [];
  return [
    {
      name: fault.name,
      breakage: planBreakage(fault.breakage, scenario),
      targets: fault.targets.map(planTarget),
      occurrences,
    },
  ];
}

function planTarget(target: Target): PlannedTarget {
  if (target.kind === 'upstream') return {kind: 'host', name: upstreamName(target.network, target.rank)};
  return target.kind === 'subject' ? {kind: 'host', name: target.name} : target;
}

function upstreamsOf({name, gateways}: Network): NetworkPlan['upstreams'] {
  return gateways.map((address, index) => ({name: upstreamName(name, index + 1), address}));
}

/** What an upstream router is called in results: names of the file have no blanks. */
function upstreamName(network: string, rank: number): string {
  return rank === 1 ? `${network} gateway` : `${network} gateway ${rank}`;
}

function drawInstant({base, random}: Instant, luck: () => number): Time {
  return base + Math.floor(luck() * random);
}

function planBreakage(breakage: Breakage, scenario: Scenario): PlannedBreakage {
  if (!('nic' in breakage)) return breakage;
  const {nic, ...rest} = breakage;
  return {...rest, nics: nicsOf(nic, scenario)};
}

function nicsOf(nic: Nic, {machines}: Scenario): readonly string[] {
  if (nic === 'all' && machines) {
    return [...new Set(machines.flatMap(({interfaces}) => interfaces.map(({name}) => name)))];
  }
  return nic === 'all' ? ['underlay', 'provider', 'management'] : [nic];
}
