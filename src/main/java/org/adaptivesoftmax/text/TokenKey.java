package org.adaptivesoftmax.text;

import java.util.SplittableRandom;

/**
 * A token with a hash that who writes the text cannot foresee. A string's own hash is public, and a sketch slows down by
 * orders of magnitude under tokens that were chosen to have the same.
 */
final class TokenKey {
  private static final long SALT = new SplittableRandom().nextLong();
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final String token;
  private final int hash;

  TokenKey(String token) {
    this.token = token;
    long state = SALT;
    for (int i = 0; i < token.length(); i++) {
      state = (state ^ token.charAt(i)) * MULTIPLIER;
      state ^= state >>> 32;
    }
    hash = (int) state;
  }

  String token() {
    return token;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenKey key && hash == key.hash && token.equals(key.token);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
