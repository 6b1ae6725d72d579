// Never lets its loop run again, outside of any item.
export default () => {
  for (;;);
};
