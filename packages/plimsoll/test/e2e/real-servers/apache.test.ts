import { apache } from '../../support/real-servers/apache.ts';
import { describeServer } from '../../support/real-servers/whole-answers.ts';

describeServer(apache);
