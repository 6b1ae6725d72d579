// Holds the floors of the house (.dependency-cruiser.cjs), and that the cruise saw the house at all.
import { cruise } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import extractTypescriptConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const config = await extractConfig('./.dependency-cruiser.cjs');
const { output } = await cruise(['src'], { ruleSet: config, validate: true, ...config.options }, undefined, {
  tsConfig: extractTypescriptConfig('./tsconfig.json'),
});
const { violations, totalCruised } = output.summary;
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (totalCruised < 20) console.error(`only ${totalCruised} modules were seen: the check is broken`);
console.log(`${totalCruised} modules, ${violations.length} broken rules`);
process.exitCode = violations.length === 0 && totalCruised >= 20 ? 0 : 1;
