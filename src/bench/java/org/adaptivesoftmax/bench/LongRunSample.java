package org.adaptivesoftmax.bench;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process holds.
 *
 * @param step the training steps done
 * @param residentMb resident set, in MB; null where the system does not tell
 * @param counts of native objects, of the bytes that JavaCPP has to free, and of what is in the graph
 */
record LongRunSample(long step, @Nullable Double residentMb, Map<String, Long> counts) {
  long count(String kind) {
    return counts.getOrDefault(kind, 0L);
  }
}
