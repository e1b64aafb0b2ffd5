/// Environment to environment by digest, through gates, into the ledger.
@NullMarked
package dev.mlo.cli.promote;

import org.jspecify.annotations.NullMarked;
