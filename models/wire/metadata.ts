import {parseIpv4, type Ipv4} from './ipv4.ts';

/** Where VMs look for the metadata service, in every cloud. */
export const metadataAddress: Ipv4 = parseIpv4('169.254.169.254')!;
