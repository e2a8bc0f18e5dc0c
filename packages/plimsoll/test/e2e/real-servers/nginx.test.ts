import { nginx } from '../../support/real-servers/nginx.ts';
import { describeServer } from '../../support/real-servers/whole-answers.ts';

describeServer(nginx);
