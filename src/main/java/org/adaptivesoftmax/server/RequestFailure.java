package org.adaptivesoftmax.server;

import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.internal.io.OneLine;
import org.tensorflow.proto.error.Code;

/** A request that is refused, in TensorFlow Serving's words where it has some. */
final class RequestFailure extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int TOO_MANY_REQUESTS = 429;

  private final Code code;
  private final int httpStatus;

  private RequestFailure(Code code, int httpStatus, String message) {
    super(OneLine.cut(message)); // what is too long for a header would be another error
    this.code = code;
    this.httpStatus = httpStatus;
  }

  RequestFailure(Code code, String message) {
    this(code, httpStatus(code), message);
  }

  static RequestFailure invalid(String message) {
    return new RequestFailure(Code.INVALID_ARGUMENT, message);
  }

  /** More requests wait than may. */
  static RequestFailure busy(int limit) {
    return new RequestFailure(
        Code.UNAVAILABLE,
        TOO_MANY_REQUESTS,
        "The server is busy: %s requests wait already, try again later".formatted(limit));
  }

  /** Whatever has failed, as a client is told. */
  static RequestFailure of(Throwable failure) {
    if (failure instanceof RequestFailure refused) {
      return refused;
    } else if (failure instanceof ModelServerException refused) {
      return new RequestFailure(refused.code(), refused.detail());
    }
    return new RequestFailure(Code.INTERNAL, "Internal error: " + failure);
  }

  Code code() {
    return code;
  }

  int httpStatus() {
    return httpStatus;
  }

  /** As TensorFlow Serving maps them. */
  private static int httpStatus(Code code) {
    return switch (code) {
      case CANCELLED -> 499;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case DEADLINE_EXCEEDED -> 504;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case PERMISSION_DENIED -> 403;
      case RESOURCE_EXHAUSTED -> TOO_MANY_REQUESTS;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case UNAUTHENTICATED -> 401;
      default -> 500;
    };
  }

  /** "INVALID_ARGUMENT: what is wrong": TensorFlow's way to write a status, in messages too. */
  @Override
  @SuppressWarnings(
      "OverrideThrowableToString") // the code is no part of the message that clients get
  public String toString() {
    return code + ": " + getMessage();
  }
}
