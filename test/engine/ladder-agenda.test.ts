import {LadderAgenda} from '../../engine/ladder-agenda.ts';
import {testAgenda} from './agenda-contract.ts';

testAgenda('ladder agenda', () => new LadderAgenda());
