import type {Time} from '../../engine/time.ts';
import {ByteReader, ByteWriter} from './bytes.ts';

/** In the order of their codes (RFC 5880, 4.1). */
const states = ['admin-down', 'down', 'init', 'up'] as const;

/** In the order of their codes (RFC 5880, 4.1); the codes from 9 on are reserved. */
const diagnostics = [
  'no-diagnostic',
  'control-detection-time-expired',
  'echo-function-failed',
  'neighbor-signaled-session-down',
  'forwarding-plane-reset',
  'path-down',
  'concatenated-path-down',
  'administratively-down',
  'reverse-concatenated-path-down',
] as const;

export type BfdState = (typeof states)[number];

/** Why a session last went down. */
export type BfdDiagnostic = (typeof diagnostics)[number];

/** A BFD control packet without an authentication section (RFC 5880, 4.1). */
export type BfdControl = {
  readonly kind: 'bfd';
  readonly version: number;
  readonly diagnostic: BfdDiagnostic;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly authentication: boolean;
  readonly demand: boolean;
  readonly multipoint: boolean;
  readonly detectMult: number;
  /** Discriminators are numbers of 32 bits. */
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTx: Time;
  readonly requiredMinRx: Time;
  readonly requiredMinEchoRx: Time;
};

/** The UDP port that control packets go to (RFC 5881, 4). */
export const bfdPort = 3784;

/** Bytes of every control packet. */
export const bfdSize = 24;

/** Whether bytes sent to the BFD port are a control packet of the kind that we know: version 1, not authenticated. */
export function isBfd(bytes: Uint8Array): boolean {
  return bytes.length === bfdSize && bytes[0] >> 5 === 1;
}

export function encodeBfd(bfd: BfdControl): Uint8Array {
  const flags =
    (bfd.poll ? 0x20 : 0) |
    (bfd.final ? 0x10 : 0) |
    (bfd.controlPlaneIndependent ? 0x08 : 0) |
    (bfd.authentication ? 0x04 : 0) |
    (bfd.demand ? 0x02 : 0) |
    (bfd.multipoint ? 0x01 : 0);
  return new ByteWriter(bfdSize)
    .put((bfd.version << 5) | diagnostics.indexOf(bfd.diagnostic), 1)
    .put((states.indexOf(bfd.state) << 6) | flags, 1)
    .put(bfd.detectMult, 1)
    .put(bfdSize, 1)
    .put(bfd.myDiscriminator, 4)
    .put(bfd.yourDiscriminator, 4)
    .put(bfd.desiredMinTx, 4)
    .put(bfd.requiredMinRx, 4)
    .put(bfd.requiredMinEchoRx, 4)
    .finish();
}

export function decodeBfd(bytes: Uint8Array): BfdControl {
  const reader = new ByteReader(bytes, 'BFD control packet');
  const versionAndDiagnostic = reader.take(1);
  const diagnostic = versionAndDiagnostic & 0x1f;
  if (diagnostic >= diagnostics.length) throw new Error(`the BFD diagnostic ${diagnostic} is reserved`);
  const stateAndFlags = reader.take(1);
  const detectMult = reader.take(1);
  const size = reader.take(1);
  if (size !== bfdSize || bytes.length !== bfdSize) {
    throw new Error(
      `a BFD control packet of ${bytes.length} bytes says that it has ${size} and should have ${bfdSize}`,
    );
  }
  return {
    kind: 'bfd',
    version: versionAndDiagnostic >> 5,
    diagnostic: diagnostics[diagnostic],
    state: states[stateAndFlags >> 6],
    poll: (stateAndFlags & 0x20) !== 0,
    final: (stateAndFlags & 0x10) !== 0,
    controlPlaneIndependent: (stateAndFlags & 0x08) !== 0,
    authentication: (stateAndFlags & 0x04) !== 0,
    demand: (stateAndFlags & 0x02) !== 0,
    multipoint: (stateAndFlags & 0x01) !== 0,
    detectMult,
    myDiscriminator: reader.take(4),
    yourDiscriminator: reader.take(4),
    desiredMinTx: reader.take(4),
    requiredMinRx: reader.take(4),
    requiredMinEchoRx: reader.take(4),
  };
}
