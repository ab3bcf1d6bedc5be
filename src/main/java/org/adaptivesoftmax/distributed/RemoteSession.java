package org.adaptivesoftmax.distributed;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.ConfigProto;

/**
 * Opens a {@link Session} on another target than this process. TensorFlow Java 1.1 has no way to: its native call is bound,
 * but {@code Session} never makes it. This is the only file that rests on what TensorFlow Java does not publish: {@code
 * Graph.ref()} with its {@code nativeHandle()}, and the constructor {@code Session(Graph, TF_Session)}, all package-private.
 *
 * <p>They are reached by reflection and not by a class in package {@code org.tensorflow}: a second module with that package
 * would keep every application on the module path from starting, also those that train on one process.
 */
final class RemoteSession {
  private static final String FOR_MODULES =
      "--add-opens tensorflow/org.tensorflow=org.adaptivesoftmax";

  private final Method ref;
  private final Method nativeHandle;
  private final Constructor<Session> constructor;

  private RemoteSession() throws ReflectiveOperationException {
    ref = accessible(Graph.class.getDeclaredMethod("ref"));
    nativeHandle = accessible(ref.getReturnType().getDeclaredMethod("nativeHandle"));
    constructor = accessible(Session.class.getDeclaredConstructor(Graph.class, TF_Session.class));
  }

  private static <A extends AccessibleObject> A accessible(A member) {
    member.setAccessible(true);
    return member;
  }

  /**
   * Looks the members up.
   *
   * @throws IllegalStateException if this TensorFlow Java lacks one, or its module does not open it
   */
  static RemoteSession find() {
    try {
      return new RemoteSession();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "training on several processes rests on TensorFlow Java 1.1, and this version lacks "
              + e.getMessage(),
          e);
    } catch (InaccessibleObjectException e) {
      throw new IllegalStateException(
          "training on several processes needs the JVM option " + FOR_MODULES, e);
    }
  }

  /**
   * Opens a session.
   *
   * @param target {@code grpc://host:port}
   */
  Session open(Graph graph, String target, ConfigProto config) {
    try (AutoCloseable reference = (AutoCloseable) ref.invoke(graph)) {
      TF_Graph handle = (TF_Graph) nativeHandle.invoke(reference);
      return constructor.newInstance(graph, open(handle, target, config));
    } catch (TensorFlowException e) {
      throw e;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("TensorFlow opened no session on " + target, e.getCause());
    } catch (Exception e) {
      throw new IllegalStateException("TensorFlow opened no session on " + target, e);
    }
  }

  @SuppressWarnings("try") // The scope frees what is made in it.
  private static TF_Session open(TF_Graph graph, String target, ConfigProto config) {
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
      tensorflow.TF_SetTarget(options, target);
      BytePointer bytes = new BytePointer(config.toByteArray());
      tensorflow.TF_SetConfig(options, bytes, bytes.capacity(), status);
      status.throwExceptionIfNotOK();
      TF_Session session = TF_Session.newSession(graph, options, status);
      status.throwExceptionIfNotOK();
      return session.retainReference();
    }
  }
}
