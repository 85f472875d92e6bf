import {testAgreement} from '../agreement.ts';
import {ovn} from './part.ts';

testAgreement(ovn, 140);
