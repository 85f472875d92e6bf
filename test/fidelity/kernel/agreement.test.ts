import {testAgreement} from '../agreement.ts';
import {kernel} from './part.ts';

testAgreement(kernel, 347);
