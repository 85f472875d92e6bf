import {never, seconds, toMilliseconds, toSeconds, type Time} from '../../engine/time.ts';
import type {VrrpProcess} from '../dataplane/keepalived/vrrp-process.ts';
import type {Tracked, VirtualAddress} from '../protocols/keepalived-configuration.ts';
import type {VrrpInstance} from '../protocols/vrrp-instance.ts';
import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import {vrrpGroup} from '../wire/vrrp.ts';
import {lines} from './lines.ts';

/**
 * What keepalived writes to /tmp/keepalived.data on SIGUSR1 (vrrp_data.c, dump_vrrp), without what is not modelled. Times are
 * those of the run.
 */
function formatKeepalivedData(process: VrrpProcess): string {
  const instances = process.instances.flatMap(vrrp => instanceLines(vrrp, process));
  return lines(['------< VRRP Topology >------', ...instances]);
}

/** The file as a SIGUSR1 of this moment would write it. */
export function keepalivedData(process: VrrpProcess | undefined): string {
  if (!process?.works) return 'keepalived does not answer the signal: there is no new file\n';
  return formatKeepalivedData(process);
}

function instanceLines(vrrp: VrrpInstance, process: VrrpProcess): readonly string[] {
  const {settings, state, master, tracking} = vrrp;
  const {version, advertInterval} = settings;
  const asBackup =
    state === 'backup'
      ? [
          `   Master router = ${formatIpv4(master?.address ?? 0)}`,
          `   Master priority = ${master?.priority ?? 0}`,
          ...(version === 3 ? [`   Master advert int = ${toSeconds(vrrp.masterAdvertInterval).toFixed(2)} sec`] : []),
        ]
      : [];
  return [
    ` VRRP Instance = ${settings.name}`,
    `   VRRP Version = ${version}`,
    `   State = ${state.toUpperCase()}`,
    ...asBackup,
    `   Wantstate = ${settings.wants.toUpperCase()}`,
    `   Number of interface and track script faults = ${tracking.failures}`,
    `   Last transition = ${clock(vrrp.transitionAt)}`,
    `   Read timeout = ${vrrp.dueAt === never ? 'DISABLED' : clock(vrrp.dueAt)}`,
    `   Master down timer = ${vrrp.downTime} usecs`,
    `   Interface = ${settings.interface}`,
    `   Using src_ip = ${formatIpv4(process.sourceOf(vrrp))}`,
    `   Multicast address ${formatIpv4(vrrpGroup)}`,
    `   Gratuitous ARP delay = ${settings.garpMasterDelay / seconds(1)}`,
    `   Gratuitous ARP repeat = ${settings.garpMasterRepeat}`,
    `   Gratuitous ARP refresh = ${settings.garpMasterRefresh / seconds(1)}`,
    `   Gratuitous ARP refresh repeat = ${settings.garpMasterRefreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${settings.garpLowerPrioDelay / seconds(1)}`,
    `   Gratuitous ARP lower priority repeat = ${settings.garpLowerPrioRepeat}`,
    `   Down timer adverts = ${settings.downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${settings.lowerPrioNoAdvert ? 'false' : 'true'}`,
    `   Send advert after receive higher priority advert = ${settings.higherPrioSendAdvert ? 'true' : 'false'}`,
    `   Virtual Router ID = ${settings.virtualRouterId}`,
    `   Priority = ${settings.priority}`,
    `   Effective priority = ${vrrp.priority}`,
    `   Advert interval = ${version === 2 ? `${toSeconds(advertInterval)} sec` : `${toMilliseconds(advertInterval)} milli-sec`}`,
    `   Preempt = ${settings.preempts ? 'enabled' : 'disabled'}`,
    ...(settings.preemptDelay > 0 ? [`   Preempt delay = ${toSeconds(settings.preemptDelay)} secs`] : []),
    `   Virtual IP (${settings.virtualAddresses.length}):`,
    ...settings.virtualAddresses.map(address => addressLine(address, vrrp)),
    ...titled(
      '   Virtual IP Excluded :',
      settings.excludedAddresses.map(address => addressLine(address, vrrp)),
    ),
    ...titled(
      '   Virtual Routes :',
      settings.virtualRoutes.map(
        ({prefix, via, device}) => `     ${formatCidr(prefix)} via ${formatIpv4(via)} dev ${device}`,
      ),
    ),
    ...titled('   Tracked interfaces :', [...settings.trackedInterfaces.values()].map(trackedLine)),
    ...titled('   Tracked scripts :', settings.trackedScripts.map(trackedLine)),
  ];
}

function addressLine({address, length, device, noTrack}: VirtualAddress, {hasAddresses}: VrrpInstance): string {
  return `     ${formatIpv4(address)}/${length} dev ${device} scope global${noTrack ? ' no_track' : ''}${hasAddresses ? ' set' : ''}`;
}

function trackedLine({name, weight, reverse}: Tracked): string {
  return `     ${name} weight ${weight}${reverse ? ' reverse' : ''}`;
}

function titled(title: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : [title, ...rows];
}

function clock(at: Time): string {
  return toSeconds(at).toFixed(6);
}
