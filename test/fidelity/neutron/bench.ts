/** A router of Neutron's on the bench's three networks: HA, inside and outside, each on wires of its own. */
export function neutronCloud({
  faults,
  duration,
  nodes = 3,
}: {
  faults: string;
  duration: string;
  nodes?: number;
}): string {
  return `name: bench
duration: ${duration}
host: real-time
neutron: {l3-ha-network-type: flat, l3-ha-network-physical-name: hanet}
segments:
  hanet: {kind: provider, cidr: 10.90.0.0/24, latency: 10us}
  tenants: {kind: provider, cidr: 10.91.0.0/24, latency: 10us}
  provider: {latency: 10us}
chassis:
  net[1..${nodes}]: {role: gateway}
  cn1: {role: compute}
networks:
  public: {type: flat, cidr: 172.24.4.0/24, external: true, gateway: 172.24.4.1}
  inside: {type: vlan, vlan: 10, segment: tenants, cidr: 10.0.0.0/24}
routers:
  r1: {ha: true, external: {network: public, address: 172.24.4.10}, interfaces: [inside]}
vms:
  client: {network: inside}
traffic:
  ping: {from: client, to: 10.0.0.1, protocol: icmp-echo, every: 10ms}
faults: ${faults}
`;
}
