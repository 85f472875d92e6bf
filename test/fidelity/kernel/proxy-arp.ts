import {seconds, toMilliseconds} from '../../../engine/time.ts';
import {broadcastMac, type Mac} from '../../../models/wire/mac.ts';
import {exactHead, exactRow, spreadHead, spreadRow, type Table} from '../part.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {readMeasured, spreadOf, type MeasuredRow} from './measured.ts';

const asker: Mac = 0x02_00_00_00_00_0b;

const answering = {proxyArp: true};

/** How long a namespace takes to answer for others. */
export function proxyDelays(seeds: number): Table {
  const delays = (which: (row: MeasuredRow) => boolean): readonly number[] =>
    readMeasured('h_proxy_arp')
      .filter(which)
      .map(row => 1000 * Number(row['delay_s']));
  const isBroadcast = (row: MeasuredRow): boolean => row['case'].startsWith('broadcast');
  const row = (what: string, measured: readonly number[], unicast: boolean) => {
    const answered = eachSeed(seeds, lan => answers(lan, unicast));
    return spreadRow([what], spreadOf(measured), answered, {grain: 1});
  };
  return {
    title: 'Proxy ARP: answers in ms (`proxy_delay` 80: 0.8 s)',
    notes: ['A `fip` namespace that has a route to the address out of another interface.'],
    head: ['what', ...spreadHead],
    rows: [
      row('to a broadcast request', delays(isBroadcast), false),
      row(
        'to a unicast re-probe',
        delays(each => !isBroadcast(each)),
        true,
      ),
    ],
  };
}

/** Whom a namespace answers for. */
export function proxiedAddresses(seeds: number): Table {
  const few = Math.min(seeds, 10);
  return {
    title: 'Proxy ARP: who is answered',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(
        ['a route out of another interface'],
        1,
        'answered',
        eachSeed(few, lan => [answered(lan, '203.0.113.50')]),
      ),
      exactRow(
        ['no route'],
        1,
        'no answer',
        eachSeed(few, lan => [answered(lan, '198.51.100.1')]),
      ),
      exactRow(
        ['a route out of the same interface'],
        1,
        'no answer',
        eachSeed(few, lan => [answered(lan, '203.0.113.77')]),
      ),
    ],
  };
}

/** Asks for an address by the outer interface of a `fip` namespace; some time after. */
function ask(
  lan: Lan,
  target: string,
  unicast: boolean,
): {readonly askedAt: number; readonly answeredAt: number | undefined} {
  const fip = lan.namespace('fip', answering);
  const outer = lan.link(fip, 'fg', '203.0.113.9/24');
  lan.link(fip, 'fpr', '169.254.31.29/31', lan.bridge('br1'));
  fip.addRoute({
    prefix: {address: ip('203.0.113.50'), length: 32},
    device: 'fpr',
    via: ip('169.254.31.28'),
    source: undefined,
  });
  lan.pass(seconds(1) + Math.floor(lan.luck() * seconds(1)));
  const askedAt = lan.now;
  const payload = {
    kind: 'arp',
    operation: 'request',
    senderMac: asker,
    senderIp: ip('203.0.113.200'),
    targetMac: 0,
    targetIp: ip(target),
  } as const;
  lan.inject({source: asker, destination: unicast ? outer.mac : broadcastMac, vlan: undefined, payload});
  lan.pass(seconds(3));
  const answer = lan.wire.find(
    ({from, at, frame}) =>
      from === 'fip fg' && at >= askedAt && frame.payload.kind === 'arp' && frame.payload.operation === 'reply',
  );
  return {askedAt, answeredAt: answer?.at};
}

function answers(lan: Lan, unicast: boolean): readonly number[] {
  const {askedAt, answeredAt} = ask(lan, '203.0.113.50', unicast);
  return answeredAt === undefined ? [] : [toMilliseconds(answeredAt - askedAt)];
}

function answered(lan: Lan, target: string): string {
  return ask(lan, target, false).answeredAt === undefined ? 'no answer' : 'answered';
}
