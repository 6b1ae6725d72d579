import { Command } from 'commander';

/** `pitwall help`: the help of a command. Commander's own answers an unknown one with the usage, and says nothing about it. */
export function helpCommand(program: Command): Command {
  return new Command('help')
    .description('print the help of a command')
    .argument('[command]', 'the name of the command; without it the commands are listed')
    .action(async (name?: string) => {
      if (name === undefined) program.help();
      program.commands.find((command) => command.name() === name)?.help();
      await program.parseAsync([name], { from: 'user' }); // which says that there is no such command
    });
}
