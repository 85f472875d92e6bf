import {testAgreement} from '../agreement.ts';
import {keepalived} from './part.ts';

testAgreement(keepalived, 47);
