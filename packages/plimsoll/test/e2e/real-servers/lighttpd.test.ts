import { lighttpd } from '../../support/real-servers/lighttpd.ts';
import { describeServer } from '../../support/real-servers/whole-answers.ts';

describeServer(lighttpd);
