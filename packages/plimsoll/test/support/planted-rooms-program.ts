/** The planted rooms as a process of their own. Argument: the faults. It says its address, and its stamps when asked. */
import type { PlantedFaults } from './planted-deliveries.ts';
import { PlantedRooms } from './planted-rooms.ts';

const rooms = new PlantedRooms(JSON.parse(process.argv[2]!) as PlantedFaults);
process.on('message', () => process.send!(rooms.sentAfterMs));
process.on('disconnect', () => process.exit());
void rooms.listen().then((url) => process.send!(url));
