package org.adaptivesoftmax.client;

import org.adaptivesoftmax.internal.io.OneLine;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;

/**
 * A request that a model server did not answer. The message, one line, tells model, version, signature, the code and what the
 * server says, such as "model probe, version 9, signature serving_default: NOT_FOUND: Servable not found for request:
 * Specific(probe, 9)".
 */
public final class ModelServerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Code code;
  private final String detail;

  /**
   * Creates it.
   *
   * @param code the kind of failure
   * @param target model, version and signature
   * @param detail the server's words, or what happened to the connection
   * @param cause where it comes from, if from another exception
   */
  public ModelServerException(Code code, String target, String detail, @Nullable Throwable cause) {
    super(OneLine.of("%s: %s: %s".formatted(target, code, detail)), cause);
    this.code = code;
    this.detail = detail;
  }

  /**
   * The kind of failure, as gRPC names it. REST has fewer: a wrong signature, which is {@code FAILED_PRECONDITION} over
   * gRPC, is {@code INVALID_ARGUMENT}.
   *
   * @return never {@code OK}
   */
  public Code code() {
    return code;
  }

  /** {@return the server's words, or what happened to the connection: the message without model, version and signature} */
  public String detail() {
    return detail;
  }
}
