// The process of one measurement: it has the machine, a heap and a supervisor to itself.
import type { Assignment, Told } from '../in-own-process.ts';
import { benchVariable } from '../leftovers.ts';
import { reasonText } from '../reason-text.ts';
import { isMeasurementName, measurements } from './measurements.ts';

const assignment = JSON.parse(process.env[benchVariable] ?? '{}') as Assignment;
const tell = (told: Told): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(told, () => {
      resolve();
    });
  });

try {
  if (!isMeasurementName(assignment.name)) throw new Error(`There is no measurement "${assignment.name}".`);
  const measurement = await measurements[assignment.name]();
  await tell({ title: measurement.title, how: measurement.how });
  await tell({ measured: await measurement.measure(assignment) });
} catch (error) {
  await tell({ failure: reasonText(error) });
}
process.exit();
