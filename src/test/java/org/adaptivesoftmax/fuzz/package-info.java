/**
 * Everything that reads what others wrote, given any bytes: by hand-picked and once found ones in each build, and by Jazzer's
 * in {@code tools/fuzz}.
 */
@NullMarked
package org.adaptivesoftmax.fuzz;

import org.jspecify.annotations.NullMarked;
