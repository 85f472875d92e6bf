import type {BfdState} from '../wire/bfd.ts';

/**
 * Own state → received state → what becomes of it. RFC 5880, 6.8.6.
 *
 * |            | hears admin-down | hears down | hears init | hears up   |
 * | ---------- | ---------------- | ---------- | ---------- | ---------- |
 * | admin-down | admin-down       | admin-down | admin-down | admin-down |
 * | down       | down             | init       | up         | down       |
 * | init       | down             | init       | up         | up         |
 * | up         | down             | down       | up         | up         |
 */
export const onHearing: Readonly<Record<BfdState, Readonly<Record<BfdState, BfdState>>>> = {
  'admin-down': {'admin-down': 'admin-down', down: 'admin-down', init: 'admin-down', up: 'admin-down'},
  down: {'admin-down': 'down', down: 'init', init: 'up', up: 'down'},
  init: {'admin-down': 'down', down: 'init', init: 'up', up: 'up'},
  up: {'admin-down': 'down', down: 'down', init: 'up', up: 'up'},
};
