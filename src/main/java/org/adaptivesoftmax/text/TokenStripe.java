package org.adaptivesoftmax.text;

import java.util.List;

/** A sketch that the threads of one stripe share. */
final class TokenStripe {
  private final int maxMapSize;
  private TokenSketch sketch;

  TokenStripe(int maxMapSize) {
    this.maxMapSize = maxMapSize;
    sketch = new TokenSketch(maxMapSize);
  }

  synchronized void add(String token) {
    sketch.add(token);
  }

  synchronized void addDocument(List<String> tokens) {
    for (String token : tokens) {
      sketch.add(token);
    }
    sketch.addDocument();
  }

  synchronized void merge(TokenSketch other) {
    sketch.merge(other);
  }

  synchronized TokenSketch copy() {
    TokenSketch copy = new TokenSketch(maxMapSize);
    copy.merge(sketch);
    return copy;
  }

  synchronized TokenSketch drain() {
    TokenSketch full = sketch;
    sketch = new TokenSketch(maxMapSize);
    return full;
  }
}
