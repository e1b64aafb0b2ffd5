/// One class a verb: syntax, use case, report; nothing else.
@NullMarked
package dev.mlo.cli.command;

import org.jspecify.annotations.NullMarked;
