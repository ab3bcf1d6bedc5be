package org.adaptivesoftmax.bench.soak;

import java.util.Random;

/** What a thread does again and again. An exception that comes out of it is one that must not be. */
@FunctionalInterface
interface Activity {
  void once(Random random) throws Exception;
}
