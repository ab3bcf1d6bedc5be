package org.adaptivesoftmax.local;

import org.jspecify.annotations.Nullable;

/**
 * What new requests use, until there is another or it is closed. Those that have begun go on with what they had.
 *
 * @param <T> what is used; it belongs to this until it is replaced
 */
final class Latest<T extends Latest.Used> {
  private volatile T current;
  private volatile boolean closed;

  /** What is freed after its last user. */
  interface Used {
    Uses uses();
  }

  Latest(T first) {
    current = first;
  }

  /** {@return what new requests use, or was used last} */
  T get() {
    return current;
  }

  /** {@return what a request may use, and then must release; null if this is closed} */
  @Nullable T retained() {
    // Not the counter alone tells: while some request uses it, it could be retained for ever.
    while (!closed) {
      T some = current;
      if (some.uses().retain()) {
        return some;
      }
      // It was released between the two steps: there is another, or this is closed.
    }
    return null;
  }

  /** Takes another, and lets go of the one before; of the other at once if this is closed. */
  synchronized void turnTo(T next) {
    if (closed) {
      next.uses().release();
    } else {
      T last = current;
      current = next;
      last.uses().release();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Lets go of what it has. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      current.uses().release();
    }
  }
}
