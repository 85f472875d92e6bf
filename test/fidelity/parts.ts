import {keepalived} from './keepalived/part.ts';
import {kernel} from './kernel/part.ts';
import {neutron} from './neutron/part.ts';
import {ovn} from './ovn/part.ts';

import type {Part} from './part.ts';

/** The benches in the order of the page. */
export const parts: readonly Part[] = [ovn, kernel, keepalived, neutron];
