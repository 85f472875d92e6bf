import type {OvsBfdDetails, OvsBfdEnd} from '../protocols/ovs-bfd.ts';
import type {BfdDiagnostic} from '../wire/bfd.ts';
import {lines} from './lines.ts';

export type BfdRow = {
  /** Of the tunnel's interface: `ovn-gw2-0`. */
  readonly device: string;
  readonly details: OvsBfdDetails;
};

/** `ovs-appctl bfd/show` of Open vSwitch 3.1 (lib/bfd.c, bfd_put_details), which goes by a hash where this goes by chassis. */
export function formatBfd(rows: readonly BfdRow[]): string {
  return lines(rows.flatMap(({device, details}) => [`---- ${device} ----`, ...formatDetails(details)]));
}

function formatDetails(details: OvsBfdDetails): readonly string[] {
  const {forwarding, mult, txInterval, rxInterval, detectIn, nextTxIn, lastTxIn, local, remote} = details;
  return [
    `  Forwarding: ${forwarding}`,
    `  Detect Multiplier: ${mult}`,
    // For those who watch several links in a row, which OVN does not.
    '  Concatenated Path Down: false',
    `  TX Interval: Approx ${txInterval}ms`,
    `  RX Interval: Approx ${rxInterval}ms`,
    `  Detect Time: now ${signed(detectIn)}ms`,
    `  Next TX Time: now ${signed(nextTxIn)}ms`,
    `  Last TX Time: now ${signed(lastTxIn)}ms`,
    '',
    ...formatEnd('Local', local),
    '',
    ...formatEnd('Remote', remote),
    `  Remote Detect Multiplier: ${remote.mult}`,
  ];
}

function formatEnd(whose: string, {poll, final, state, diagnostic, discriminator, minTx, minRx}: OvsBfdEnd) {
  const flags = [...(final ? ['final'] : []), ...(poll ? ['poll'] : [])];
  return [
    `  ${whose} Flags: ${flags.length === 0 ? 'none' : flags.join(' ')}`,
    `  ${whose} Session State: ${state.replace('-', '_')}`,
    `  ${whose} Diagnostic: ${titled(diagnostic)}`,
    `  ${whose} Discriminator: 0x${discriminator.toString(16)}`,
    `  ${whose} Minimum TX Interval: ${minTx}ms`,
    `  ${whose} Minimum RX Interval: ${minRx}ms`,
  ];
}

/** `neighbor-signaled-session-down` as `Neighbor Signaled Session Down`. */
function titled(diagnostic: BfdDiagnostic): string {
  return diagnostic
    .split('-')
    .map(word => word[0].toUpperCase() + word.slice(1))
    .join(' ');
}

function signed(milliseconds: number): string {
  return milliseconds < 0 ? String(milliseconds) : `+${milliseconds}`;
}
