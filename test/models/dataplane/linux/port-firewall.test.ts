import test from 'ava';
import {seconds} from '../../../../engine/time.ts';
import {LinuxBridge} from '../../../../models/dataplane/linux/linux-bridge.ts';
import {PortFirewall} from '../../../../models/dataplane/linux/port-firewall.ts';
import {delivered, Passage} from '../../../../models/dataplane/passage.ts';
import {arpProtectionOf} from '../../../../models/protocols/arp-protection.ts';
import {formatEntry} from '../../../../models/protocols/conntrack-entry.ts';
import {ConntrackHost} from '../../../../models/protocols/conntrack-host.ts';
import type {FilteredPort, GroupRule} from '../../../../models/protocols/security-group.ts';
import type {Arp} from '../../../../models/wire/arp.ts';
import type {Frame} from '../../../../models/wire/frame.ts';
import {quoteOf} from '../../../../models/wire/icmp-quote.ts';
import {parseIpv4, type Ipv4} from '../../../../models/wire/ipv4.ts';
import type {Ipv4Packet} from '../../../../models/wire/ipv4-packet.ts';
import {broadcastMac, type Mac} from '../../../../models/wire/mac.ts';
import {makeGround, passUntil} from '../../../support/ground.ts';

const ip = (text: string): Ipv4 => parseIpv4(text)!;
const macs = {vm1: 0x02_00_00_00_00_01, vm2: 0x02_00_00_00_00_02, far: 0x02_00_00_00_00_09} as const;
const addresses = {vm1: ip('10.0.0.1'), vm2: ip('10.0.0.2'), far: ip('10.0.0.9')} as const;
type End = keyof typeof macs;

const outOnly: readonly GroupRule[] = [{direction: 'egress'}];
const pings: readonly GroupRule[] = [...outOnly, {direction: 'ingress', protocol: 'icmp'}];

type PacketSketch = Partial<Pick<Ipv4Packet, 'source' | 'destination' | 'payload'>>;

/** Two VMs and an uplink in one bridge. Each group is called by the VM that has it. */
class Bench {
  readonly ground = makeGround();
  readonly firewall: PortFirewall;
  readonly arrivals: string[] = [];
  readonly #ports: Record<End, number>;
  readonly #bridge: LinuxBridge;
  #sent = 0;

  constructor(rules: Readonly<Record<'vm1' | 'vm2', readonly GroupRule[]>>, max = 1000) {
    const host = new ConntrackHost({max, buckets: 1024}, {phase: 0, secret: 7, startedAt: 0});
    const collector = this.ground.engine.add(host);
    this.firewall = new PortFirewall(this.ground, {
      ...{place: 'cn1', number: 0, host, nameOf: device => device.slice(4)},
      rearm: () => {
        this.ground.engine.rearm(collector);
      },
    });
    this.#bridge = new LinuxBridge(this.ground, {
      ...{
        host: 'cn1',
        name: 'brq',
        ageing: seconds(300),
        kernelPhase: 0,
        callsIptables: true,
        filter: this.firewall.of('brq'),
      },
    });
    const plug = (end: End, device: string): number =>
      this.#bridge.addPort(device, 1500, () => {
        this.arrivals.push(end);
        return delivered;
      });
    this.#ports = {vm1: plug('vm1', 'tap-vm1'), vm2: plug('vm2', 'tap-vm2'), far: plug('far', 'uplink')};
    this.filter(rules);
  }

  filter(rules: Readonly<Record<'vm1' | 'vm2', readonly GroupRule[]>>): void {
    const filtered = (['vm1', 'vm2'] as const).map((name): FilteredPort => {
      return {
        ...{device: `tap-${name}`, bridge: 'brq', mac: macs[name]},
        ...{addresses: [addresses[name]], pairs: [], groups: [name]},
      };
    });
    const filters = {prefix: 'test', filtered, unfiltered: [], trusted: [], rules: new Map(Object.entries(rules))};
    this.firewall.restore(filters, new Map([['brq', 4097]]));
    for (const port of filtered) this.firewall.protect(port.device, 'brq', arpProtectionOf(port));
  }

  /** Sends a packet into the bridge and says where it comes out, or why not. */
  send(from: End, to: End | 'all', sketch: PacketSketch = {}): string {
    const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
    const destination = to === 'all' ? ip('255.255.255.255') : addresses[to];
    return this.#transmit(from, {
      ...{source: macs[from], destination: to === 'all' ? broadcastMac : macs[to], vlan: undefined},
      payload: {
        ...{kind: 'ipv4', source: addresses[from], destination, ttl: 64, tos: 0, identification: 0, dontFragment: true},
        payload: {kind: 'udp', sourcePort: 4000, destinationPort: 9000, checksummed: true, payload},
        ...sketch,
      },
    });
  }

  /** Announces that somebody has an address. */
  announce(from: End, address: Ipv4, source: Mac = macs[from]): string {
    const sender = {senderMac: source, senderIp: address};
    const arp: Arp = {kind: 'arp', operation: 'request', ...sender, targetMac: 0, targetIp: address};
    return this.#transmit(from, {source, destination: broadcastMac, vlan: undefined, payload: arp});
  }

  ping(from: End, to: End, operation: 'request' | 'reply'): string {
    const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
    return this.send(from, to, {payload: {kind: 'icmp-echo', operation, identifier: 5, sequence: 1, payload}});
  }

  get entries(): readonly string[] {
    const {now} = this.ground.engine;
    return this.firewall.connections.list(now).map(entry => formatEntry(entry, now));
  }

  #transmit(from: End, frame: Frame): string {
    this.arrivals.length = 0;
    const passage = new Passage(this.ground, {sender: 'bench', number: this.#sent++});
    const verdict = this.#bridge.receive(this.#ports[from], frame, passage);
    if (verdict.kind === 'dropped') return `${verdict.reason} at ${verdict.place}`;
    return this.arrivals.join(' ');
  }
}

/** A bench on which the bridge knows where everybody is. */
function begin(rules: ConstructorParameters<typeof Bench>[0], max?: number): Bench {
  const bench = new Bench(rules, max);
  for (const end of ['vm1', 'vm2', 'far'] as const) bench.announce(end, addresses[end]);
  return bench;
}

test('what a VM begins gets out and its answers get in; what others begin does not', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  t.is(bench.ping('far', 'vm1', 'request'), 'security group at cn1 port of vm1');
  t.is(bench.ping('vm1', 'far', 'request'), 'far');
  t.is(bench.ping('far', 'vm1', 'reply'), 'vm1');
  t.deepEqual(bench.entries, [
    'icmp 1 30 src=10.0.0.1 dst=10.0.0.9 type=8 code=0 id=5 src=10.0.0.9 dst=10.0.0.1 type=0 code=0 id=5 mark=0 zone=4097 use=1',
  ]);
});

test('between VMs of one host both filters count, and what is dropped leaves no connection behind', t => {
  const bench = begin({vm1: outOnly, vm2: pings});
  t.is(bench.ping('vm2', 'vm1', 'request'), 'security group at cn1 port of vm1');
  t.is(bench.firewall.connections.count, 0);
  t.is(bench.ping('vm1', 'vm2', 'request'), 'vm2');
  t.is(bench.ping('vm2', 'vm1', 'reply'), 'vm1');
  t.is(bench.firewall.connections.count, 1);
});

test('a connection goes on after its rule is gone, until it is deleted; one that nobody answered stops at once', t => {
  const bench = begin({vm1: pings, vm2: outOnly});
  t.is(bench.ping('far', 'vm1', 'request'), 'vm1');
  bench.filter({vm1: outOnly, vm2: outOnly});
  t.is(bench.ping('far', 'vm1', 'request'), 'security group at cn1 port of vm1');
  t.is(bench.ping('vm1', 'far', 'reply'), 'far');
  t.is(bench.ping('far', 'vm1', 'request'), 'vm1');
  bench.firewall.deleteConnections({originalDestination: addresses.vm1, protocol: 'icmp', zone: 4097});
  t.is(bench.ping('far', 'vm1', 'request'), 'security group at cn1 port of vm1');
});

test('nobody sends from the address or MAC of another, in packets or in ARP', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  const spoofed = 'anti-spoofing at cn1 port of vm1';
  t.is(bench.send('vm1', 'far', {source: addresses.vm2}), spoofed);
  t.is(bench.announce('vm1', addresses.vm2), spoofed);
  t.is(bench.announce('vm1', addresses.vm1, macs.vm2), spoofed);
  // What ebtables drops, the bridge does not learn from.
  t.is(bench.ping('vm1', 'vm2', 'request'), 'security group at cn1 port of vm2');
  t.is(bench.announce('far', addresses.vm2), 'vm1 vm2');
});

test('a VM serves nobody with DHCP, and is served', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
  const dhcp = (sourcePort: number, destinationPort: number) => ({
    payload: {kind: 'udp', sourcePort, destinationPort, checksummed: true, payload} as const,
  });
  t.is(bench.send('vm1', 'all', dhcp(67, 68)), 'dhcp server blocked at cn1 port of vm1');
  t.is(bench.send('vm1', 'all', {...dhcp(68, 67), source: 0}), 'far');
  t.is(bench.send('far', 'all', dhcp(67, 68)), 'vm1 vm2');
  t.is(bench.send('far', 'vm1', dhcp(67, 68)), 'vm1');
});

test('an answer that nobody asked for is invalid; an error about a connection is related to it', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  t.is(bench.ping('far', 'vm1', 'reply'), 'invalid state at cn1 port of vm1');
  const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
  const packet: Ipv4Packet = {
    ...{kind: 'ipv4', source: addresses.vm1, destination: addresses.far, ttl: 64, tos: 0},
    ...{identification: 0, dontFragment: true},
    payload: {kind: 'udp', sourcePort: 4000, destinationPort: 9000, checksummed: true, payload},
  };
  const error = {payload: {kind: 'icmp-unreachable', code: 3, original: quoteOf(packet)}} as const;
  t.is(bench.send('far', 'vm1', error), 'invalid state at cn1 port of vm1');
  t.is(bench.send('vm1', 'far'), 'far');
  t.is(bench.send('far', 'vm1', error), 'vm1');
});

test('a connection that nothing keeps for its time-out is begun anew, and asked for by the rules again', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  t.is(bench.send('vm1', 'far'), 'far');
  const back = {payload: {kind: 'udp', sourcePort: 9000, destinationPort: 4000, checksummed: true}} as const;
  const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
  const answer = {payload: {...back.payload, payload}};
  passUntil(bench.ground, seconds(29));
  t.is(bench.send('far', 'vm1', answer), 'vm1');
  passUntil(bench.ground, seconds(60));
  t.is(bench.send('far', 'vm1', answer), 'security group at cn1 port of vm1');
});

test('a host that tracks as many connections as it may drops what would be another', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly}, 1);
  t.is(bench.ping('vm1', 'far', 'request'), 'far');
  t.is(bench.send('vm1', 'far'), 'connection table full at cn1');
});

test('where no port is filtered nothing is tracked and nothing dropped', t => {
  const bench = begin({vm1: outOnly, vm2: outOnly});
  bench.firewall.crash();
  t.is(bench.ping('far', 'vm1', 'reply'), 'vm1');
  t.is(bench.send('vm1', 'far', {source: addresses.vm2}), 'far');
  t.is(bench.firewall.connections.count, 0);
});
