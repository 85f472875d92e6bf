import {HeapAgenda} from '../../engine/heap-agenda.ts';
import {testAgenda} from './agenda-contract.ts';

testAgenda('heap agenda', () => new HeapAgenda());
