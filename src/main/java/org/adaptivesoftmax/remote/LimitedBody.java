package org.adaptivesoftmax.remote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** The body of an answer as the parts that came, up to a size: a server may send more than there is memory for. */
final class LimitedBody implements BodySubscriber<LimitedBody.Parts> {
  private final int maxBytes;
  private final List<byte[]> parts = new ArrayList<>();
  private final CompletableFuture<Parts> body = new CompletableFuture<>();
  private int size;
  private @Nullable Subscription subscription;

  /** A whole body. */
  record Parts(List<byte[]> parts) {
    InputStream open() {
      return new SequenceInputStream(
          Collections.enumeration(parts.stream().map(ByteArrayInputStream::new).toList()));
    }
  }

  /** A body that is larger, or takes more memory. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(int maxBytes) {
      super("answer is larger than %d bytes (maxAnswerBytes)".formatted(maxBytes));
    }
  }

  private LimitedBody(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  static BodyHandler<Parts> handler(int maxBytes) {
    return answer -> new LimitedBody(maxBytes);
  }

  @Override
  public CompletionStage<Parts> getBody() {
    return body;
  }

  /** One part at a time: what has not been asked for stays with the server. */
  @Override
  public void onSubscribe(Subscription newSubscription) {
    subscription = newSubscription;
    newSubscription.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (body.isDone()) {
        return;
      }
      if (buffer.remaining() > maxBytes - size) {
        parts.clear();
        if (subscription != null) {
          subscription.cancel();
        }
        body.completeExceptionally(new TooLargeException(maxBytes));
        return;
      }
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part);
      parts.add(part);
      size += part.length;
    }
    if (subscription != null) {
      subscription.request(1);
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(new Parts(parts));
  }
}
