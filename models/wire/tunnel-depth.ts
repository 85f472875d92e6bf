/** How many tunnels in tunnels are read: more than any network has, far fewer than would exhaust our stack. */
const mostTunnels = 8;

/** Counts one more tunnel around what is read next. */
export function oneTunnelMore(tunnels: number): number {
  if (tunnels === mostTunnels) throw new Error(`the frame lies in more than ${mostTunnels} tunnels`);
  return tunnels + 1;
}
