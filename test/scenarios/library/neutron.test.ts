import {holdLibrary} from '../../support/hold-library.ts';

holdLibrary('neutron');
