import {makePlan} from '../scenarios/make-plan.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import {runPlan} from '../scenarios/run.ts';
import type {Scenario} from '../scenarios/scenario.ts';
import type {Findings} from './findings.ts';
import {collectGarbage, cpuSeconds, median} from './measure.ts';

/** Ten gateways and a hundred computes with a VM each: 1,000 sessions between them and 45 among the gateways. */
const mesh = `
name: mesh
duration: 600s
chassis:
  gw[1..10]: {role: gateway}
  cn[1..100]: {role: compute}
networks:
  public: {type: flat, cidr: 10.0.0.0/16, external: true, gateway: 10.0.0.1}
  inside: {type: geneve, cidr: 172.16.0.0/16}
routers:
  r1:
    control: ovn
    external: {network: public, address: 10.0.0.2}
    interfaces: [inside]
    gateway-chassis: {gw1: 100, gw2: 90, gw3: 80, gw4: 70, gw5: 60, gw6: 50, gw7: 40, gw8: 30, gw9: 20, gw10: 10}
vms:
  vm[1..100]: {network: inside, placement: spread}
traffic:
  snat: {from: vm1, to: outside, protocol: udp-echo, every: 1s}
`;

const failure = `
faults:
  underlay: {break: link, of: active gateway of r1, nic: underlay, at: 20s + random 1s}
`;

const rounds = 3;

/** The same run packet by packet and with what repeats counted. Both must come to the same. */
export function heartbeats(): Findings {
  const rows = [
    ['nothing happens', mesh],
    ['the active gateway dies', mesh + failure],
  ].map(([name, text]) => {
    const scenario = read(text);
    const stepped: number[] = [];
    const skipped: number[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      const plain = measure(scenario, seed, true);
      const fast = measure(scenario, seed, false);
      if (plain.fingerprint !== fast.fingerprint) throw new Error(`stepped and skipped differ: ${name}, seed ${seed}`);
      stepped.push(plain.seconds);
      skipped.push(fast.seconds);
    }
    const ratio = median(stepped) / median(skipped);
    return [name, median(stepped).toFixed(2), median(skipped).toFixed(2), `${ratio.toFixed(1)} ×`];
  });
  return {
    title: '1,000 BFD sessions between gateways and computes for 600 s, and a flow: CPU seconds of a run',
    head: ['what happens', 'stepped', 'skipped', 'stepped / skipped'],
    rows,
  };
}

function read(text: string): Scenario {
  const reading = readScenario(text, 'mesh.yaml');
  if ('mistakes' in reading) throw new Error(reading.mistakes.map(({message}) => message).join('\n'));
  return reading.scenario;
}

function measure(scenario: Scenario, seed: number, stepped: boolean) {
  collectGarbage();
  let fingerprint = '';
  const seconds = cpuSeconds(() => {
    ({fingerprint} = runPlan(makePlan(scenario, seed), {stepped}));
  });
  return {seconds, fingerprint};
}
