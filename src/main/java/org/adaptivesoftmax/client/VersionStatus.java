package org.adaptivesoftmax.client;

import org.tensorflow.proto.error.Code;

/**
 * What a server does with a version.
 *
 * @param version the version
 * @param state how far it is
 * @param code {@code OK}, or why it is not available
 * @param message empty, or why it is not available
 */
public record VersionStatus(long version, State state, Code code, String message) {
  /** The states of a version, in the order of its life. */
  public enum State {
    /** Not told. */
    UNKNOWN,
    /** Known, not loaded yet. */
    START,
    /** Being loaded. */
    LOADING,
    /** Answers requests. */
    AVAILABLE,
    /** Answers no new requests. */
    UNLOADING,
    /** Gone, or failed to load. */
    END
  }
}
