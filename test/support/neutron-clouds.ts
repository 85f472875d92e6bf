/** The text of a small Neutron cloud; `sections` add to it or take the place of its own. */
export function neutronText(
  options = '{}',
  sections: Readonly<Record<string, readonly string[]>> = {},
  duration = '60s',
): string {
  const all: Record<string, readonly string[]> = {
    chassis: ['gw[1..2]: {role: gateway}', 'cn[1..3]: {role: compute}'],
    networks: [
      'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
      'front: {type: vxlan, cidr: 172.16.100.0/24}',
      'back: {type: vlan, vlan: 1001, segment: tenants, cidr: 172.16.101.0/24}',
    ],
    segments: ['tenants: {kind: provider}'],
    routers: ['r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front, back], agent: gw1}'],
    vms: [
      'vm1: {network: front, placement: cn1}',
      'vm2: {network: front, placement: cn2}',
      'vm3: {network: front, placement: cn1}',
      'vm4: {network: back, placement: cn2}',
      'vm5: {network: back, placement: cn3}',
    ],
    hosts: ['near: {network: public, address: 10.0.2.9}'],
    'floating-ips': ['10.0.2.100: {vm: vm3}', '10.0.2.101: {vm: vm4}'],
    traffic: [
      'tunnel: {from: vm1, to: vm2, every: 50ms}',
      'local: {from: vm1, to: vm3, every: 50ms}',
      'vlan: {from: vm4, to: vm5, every: 50ms}',
      'routed: {from: vm1, to: vm4, every: 50ms}',
      'snat: {from: [vm1, vm5], to: [outside, near], every: 50ms}',
      'ping: {from: vm1, to: outside, protocol: icmp-echo, every: 100ms}',
      'gateway: {from: vm1, to: 172.16.100.1, protocol: icmp-echo, every: 100ms}',
      'fip: {from: [outside, near], to: [10.0.2.100, 10.0.2.101], every: 50ms}',
      'hairpin: {from: vm1, to: 10.0.2.100, every: 50ms}',
    ],
    ...sections,
  };
  const lines = Object.entries(all)
    .filter(([, body]) => body.length > 0)
    .flatMap(([name, body]) => [`${name}:`, ...body.map(line => `  ${line}`)]);
  return ['name: small', `duration: ${duration}`, 'host: busy', `neutron: ${options}`, ...lines, ''].join('\n');
}
