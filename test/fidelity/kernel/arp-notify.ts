import {never} from '../../../engine/time.ts';
import {neighbourDefaults} from '../../../models/protocols/neighbour-settings.ts';
import {NeighbourTable} from '../../../models/protocols/neighbour-table.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import {formatMac, type Mac} from '../../../models/wire/mac.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {ip} from './lan.ts';
import {readMeasured} from './measured.ts';

const first = {address: ip('10.9.0.1'), length: 24};
const second = {address: ip('10.9.0.50'), length: 24};

const events: Readonly<Record<string, (table: NeighbourTable<never>) => void>> = {
  'addr add (link up)': table => {
    table.setAddresses([first, second], 0);
  },
  'link down+up': table => {
    table.linkDown(0);
    table.linkUp();
  },
  'mac change': table => {
    table.changeMac(0x02_00_00_00_00_02, 0);
  },
  'addr del+add': table => {
    table.setAddresses([first], 0);
    table.setAddresses([first, second], 0);
  },
};

/** What an interface of two addresses announces by itself. */
export function ownAnnouncements(): Table {
  return {
    title: 'Gratuitous ARP: own announcements, by `arp_notify`',
    notes: [
      'An interface of two addresses; at the level of its neighbour table, since no scenario does these things to one.',
    ],
    head: ['`arp_notify`', 'event', ...exactHead],
    rows: readMeasured('b6_arp_notify').map(({arp_notify: notify, event, what}) =>
      exactRow([notify, event], 1, plain(what), [announcedBy(notify === '1', events[event])]),
    ),
  };
}

function announcedBy(arpNotify: boolean, act: (table: NeighbourTable<never>) => void): string {
  const said: string[] = [];
  const table: NeighbourTable<never> = new NeighbourTable<never>(
    {...neighbourDefaults, arpNotify},
    {mac: 0x02_00_00_00_00_01, phase: 0, draw: () => 0.5, tidyAt: 0, redrawAt: 0},
    [first, second],
    {
      send: (arp, destination) => said.push(describe(arp, destination)),
      forward: () => undefined,
      drop: () => undefined,
      sizesOf: () => [],
      changed: () => undefined,
      usedAt: () => -1,
      nextUseAt: () => never,
      confirmedAt: () => -1,
      isLocal: address => table.addresses.some(own => own.address === address),
      sourceOf: () => first.address,
    },
  );
  act(table);
  return said.join('; ') || 'none';
}

function describe({operation, senderIp, targetIp, targetMac}: Arp, destination: Mac): string {
  const [op, tha, dst] = [operation === 'request' ? 1 : 2, formatMac(targetMac), formatMac(destination)];
  return `op=${op} spa=${formatIpv4(senderIp)} tpa=${formatIpv4(targetIp)} tha=${tha} dst=${dst}`;
}

/** The bench's words without its times. */
function plain(what: string): string {
  return what.replace(/\bt=\S+ /g, '') || 'none';
}
