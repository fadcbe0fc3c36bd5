export interface Toast {
  id: number;
  text: string;
  failed: boolean;
  action?: { label: string; run: () => void };
}

const shownMs = 8_000;

/** Short answers to what a person just did, and what somebody else changed under their eyes. */
class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, action?: Toast['action']): void {
    this.#add({ text, failed: false, ...(action && { action }) });
  }

  /** Stays until it is closed: a refusal should be read. */
  refuse(text: string): void {
    this.#add({ text, failed: true });
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, 'id'>): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { ...toast, id }];
    if (!toast.failed) setTimeout(() => this.close(id), shownMs);
  }
}

export const toasts = new Toasts();
