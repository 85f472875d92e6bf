/**
 * What tunnels over IPv4 add to a packet, in bytes: the outer IP header, their own, and the inner Ethernet header. As
 * Neutron's type drivers and ML2/OVN have it (type_vxlan.py, type_gre.py; Geneve with OVN's option).
 */
export const tunnelOverhead = {vxlan: 50, gre: 42, geneve: 58} as const;
