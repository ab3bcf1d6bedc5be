package org.adaptivesoftmax.text;

import java.io.IOException;

/** Takes counts one after the other. */
@FunctionalInterface
public interface CountAction {
  /**
   * Takes the next one.
   *
   * @param count a token and its count
   * @throws IOException if it cannot be taken, which ends the reading
   */
  void accept(TokenCount count) throws IOException;
}
