/** What `ovs-appctl` says where ovs-vswitchd was killed (utilities/ovs-appctl.c). */
export const noVswitchd = 'ovs-appctl: cannot read pidfile "/var/run/openvswitch/ovs-vswitchd.pid" (No such process)\n';

/** Real programs wait without a word. */
export function vswitchdHangs(program: string, host: string): string {
  return `${program} waits: ovs-vswitchd on ${host} does not answer\n`;
}

/** What `ovs-ofctl` says then: the socket outlives who was killed (utilities/ovs-ofctl.c, open_vconn_socket). */
export function noSocket(bridge: string): string {
  return `ovs-ofctl: /var/run/openvswitch/${bridge}.mgmt: failed to open socket (Connection refused)\n`;
}
