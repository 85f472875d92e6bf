/** The two set-ups of the bench as scenarios; `more` is what a case adds: faults, operations. */

type Words = Readonly<Record<string, string>>;

export type BenchOptions = {
  /** Further words of an instance, by router. */
  readonly words?: Words;
  readonly faults?: string;
  readonly duration: string;
  /** When probing begins. */
  readonly start?: string;
  /** Of equal routers, who has long been master; the seed draws one if left out. */
  readonly master?: string;
};

/** Two routers with VRRP and one address on one LAN; `aux` is what r1 may track. */
export function plainBench({words = {}, faults = '{}', duration, start = '8s'}: BenchOptions): string {
  const router = (name: string, number: number, state: string, priority: number): string => `
  ${name}:
    interfaces: {lan0: {lan: lan, address: 10.0.0.${number}}, aux0: {lan: aux}}
    forwards: false
    keepalived:
      vrrp-instance:
        VI_1:
          interface: lan0
          virtual-router-id: 51
          priority: ${priority}
          ${words[name] ?? `state: ${state}`}
          virtual-ipaddress: [10.0.0.1/24]`;
  return `name: bench
duration: ${duration}
host: real-time
lans: {lan: {cidr: 10.0.0.0/24, latency: 10us}, aux: {cidr: 10.9.0.0/24, latency: 10us}}
machines:${router('r1', 11, 'MASTER', 150)}${router('r2', 12, 'BACKUP', 100)}
  client: {interfaces: {eth0: {lan: lan, address: 10.0.0.100}}}
traffic:
  ping: {from: client, to: 10.0.0.1, protocol: icmp-echo, every: 10ms, start: ${start}}
faults: ${faults}
`;
}

/** Three routers as Neutron sets them up: adverts on an HA network, other addresses on two more. */
export function neutronBench({faults = '{}', duration, start = '6s', master}: BenchOptions): string {
  // It begins with a higher priority, and keeps its place when that goes.
  const operations = master ? `{equal: {do: reload, machine: ${master}, instance: VR_1, priority: 50, at: 1s}}` : '{}';
  const router = (number: number): string => `
  r${number}:
    interfaces:
      ha0: {lan: ha, address: 169.254.192.1${number}}
      lan0: {lan: lan}
      ext0: {lan: ext}
    keepalived:
      vrrp-instance:
        VR_1:
          state: BACKUP
          interface: ha0
          virtual-router-id: 1
          priority: ${`r${number}` === master ? 51 : 50}
          garp-master-delay: 60s
          nopreempt: true
          advert-int: 2s
          track-interface: [ha0]
          virtual-ipaddress: [169.254.0.1/24]
          virtual-ipaddress-excluded:
            - {address: 10.0.0.1/24, dev: lan0, no-track: true}
            - {address: 172.24.4.10/24, dev: ext0, no-track: true}
          virtual-routes: [{to: 0.0.0.0/0, via: 172.24.4.1, dev: ext0, no-track: true}]`;
  const lans = ['ha: {cidr: 169.254.192.0/18', 'lan: {cidr: 10.0.0.0/24', 'ext: {cidr: 172.24.4.0/24'];
  return `name: bench
duration: ${duration}
host: real-time
lans: {${lans.map(lan => `${lan}, latency: 10us}`).join(', ')}}
machines:${router(1)}${router(2)}${router(3)}
  client: {interfaces: {eth0: {lan: lan, address: 10.0.0.100}}, gateway: 10.0.0.1}
  server: {interfaces: {eth0: {lan: ext, address: 172.24.4.1}}}
traffic:
  ping: {from: client, to: 10.0.0.1, protocol: icmp-echo, every: 10ms, start: ${start}}
faults: ${faults}
operations: ${operations}
`;
}
