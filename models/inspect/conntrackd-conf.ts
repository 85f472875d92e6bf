import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

export type ConntrackdConfSettings = {
  readonly folder: string;
  readonly hashLimit: number;
  /** The HA address, and the device that has it. */
  readonly address: Ipv4;
  readonly device: string;
  readonly group: Ipv4;
  readonly port: number;
};

/** conntrackd.conf of a router as the L3 agent writes it (neutron/agent/linux/conntrackd.py), with the defaults of ha.py. */
export function formatConntrackdConf({
  folder,
  hashLimit,
  address,
  device,
  group,
  port,
}: ConntrackdConfSettings): string {
  const own = formatIpv4(address);
  return lines([
    ...['', 'General {', '    HashSize 32768', `    HashLimit ${hashLimit}`, '    Syslog on'],
    ...[`    LockFile ${folder}/conntrackd.lock`, '    UNIX {', `        Path ${folder}/conntrackd.ctl`],
    ...['        Backlog 20', '    }', '    SocketBufferSize 262142', '    SocketBufferSizeMaxGrown 655355'],
    ...['    Filter From Kernelspace {', '        Protocol Accept {'],
    ...['TCP', 'SCTP', 'DCCP', 'UDP', 'ICMP', 'IPv6-ICMP'].map(protocol => `            ${protocol}`),
    ...['        }', '        Address Ignore {', '            IPv4_address 127.0.0.1', '            IPv6_address ::1'],
    ...[`            IPv4_address ${own}`, '        }', '    }', '}'],
    ...['Sync {', '    Mode FTFW {', '    }', '    Multicast Default {'],
    ...[`        IPv4_address ${formatIpv4(group)}`, `        IPv4_interface ${own}`, `        Group ${port}`],
    ...[`        Interface ${device}`, '        SndSocketBuffer 24985600', '        RcvSocketBuffer 24985600'],
    ...['        Checksum on', '    }', '}'],
  ]);
}
