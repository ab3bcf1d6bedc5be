package org.adaptivesoftmax.local;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts who uses what has native memory. It is freed when its owner and the last user have let go of it. */
final class Uses {
  /** Users, and one for the owner. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final Runnable free;

  /**
   * @param free called once
   */
  Uses(Runnable free) {
    this.free = free;
  }

  /** {@return whether a user may use it, who then must release it} */
  boolean retain() {
    return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      free.run();
    }
  }

  boolean isFreed() {
    return users.get() == 0;
  }
}
