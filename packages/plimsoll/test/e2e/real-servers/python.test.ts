import { python } from '../../support/real-servers/python.ts';
import { describeServer } from '../../support/real-servers/whole-answers.ts';

describeServer(python);
