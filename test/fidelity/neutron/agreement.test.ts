import {testAgreement} from '../agreement.ts';
import {neutron} from './part.ts';

testAgreement(neutron, 18);
